// When the server has answered.
const LONGEST = 5000; // ms that it is waited for

// Calls `act` when the server's script has run, or after LONGEST. `countsRunning`: the run that has drawn what asks counts,
// even if it is over.
export const whenAnswered = (act, countsRunning = false) => {
  const app = document.querySelector(".stApp");
  const isRunning = () => app.dataset.testScriptState === "running";
  if (countsRunning && !isRunning()) return act();
  let hasRun = countsRunning;
  const end = () => [observer.disconnect(), clearTimeout(timeout), act()];
  const observer = new MutationObserver(() => {
    if (hasRun && !isRunning()) end();
    hasRun ||= isRunning();
  });
  const timeout = setTimeout(end, LONGEST);
  observer.observe(app, { attributeFilter: ["data-test-script-state"] });
};
