// When the server has answered.
const LONGEST = 5000; // ms that it is waited for

// Calls `act` when the server's script has run, or after LONGEST. `countsRunning`: a run that goes on now counts.
export const whenAnswered = (act, countsRunning = false) => {
  const app = document.querySelector(".stApp");
  let hasRun = countsRunning && app.dataset.testScriptState === "running";
  const end = () => [observer.disconnect(), clearTimeout(timeout), act()];
  const observer = new MutationObserver(() => {
    const isRunning = app.dataset.testScriptState === "running";
    if (hasRun && !isRunning) end();
    hasRun ||= isRunning;
  });
  const timeout = setTimeout(end, LONGEST);
  observer.observe(app, { attributeFilter: ["data-test-script-state"] });
};
