// When the server has answered.
const LONGEST = 5000; // ms that it is waited for

// Calls `then` when the server's script has run, or after LONGEST where none runs. A run that goes on now counts where
// `already` says so.
export const whenAnswered = (then, already = false) => {
  const app = document.querySelector(".stApp");
  let ran = already && app.dataset.testScriptState === "running";
  const end = () => [seen.disconnect(), clearTimeout(late), then()];
  const seen = new MutationObserver(() => {
    const running = app.dataset.testScriptState === "running";
    if (ran && !running) end();
    ran ||= running;
  });
  const late = setTimeout(end, LONGEST);
  seen.observe(app, { attributeFilter: ["data-test-script-state"] });
};
