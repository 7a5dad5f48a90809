// What is asked, and where a reader answers: choices, or a slider, which has no value until it is touched.
import { withUnit } from "./answers.js";
import { make } from "./dom.js";
import { _ } from "./words.js";

const choicesOf = (answers, { choices }, picked) => {
  const inputs = choices.map((words, k) => {
    const label = answers.appendChild(make("label", "choice"));
    const input = label.appendChild(make("input"));
    Object.assign(input, { type: "radio", name: "answer", value: k });
    input.onchange = () => picked(k);
    label.append(make("span", "", words));
    return input;
  });
  return (value) => {
    inputs[value].checked = true;
  };
};

const sliderOf = (answers, question, picked) => {
  const [low, high, step] = question.range;
  const shown = answers.appendChild(make("output", "", _("Move the slider")));
  const input = answers.appendChild(make("input", "untouched"));
  Object.assign(input, { type: "range", min: low, max: high, step, value: (low + high) / 2 });
  Object.assign(input, { ariaLabel: _("Your answer"), ariaValueText: shown.textContent });
  const ends = answers.appendChild(make("p", "ends"));
  ends.append(make("span", "", withUnit(low, question)), make("span", "", withUnit(high, question)));
  const set = (value) => {
    input.value = value;
    input.className = "";
    shown.textContent = input.ariaValueText = withUnit(value, question);
  };
  // A click where the slider stands is no input, and means its value all the same.
  input.oninput = input.onclick = () => {
    set(input.valueAsNumber);
    picked(input.valueAsNumber);
  };
  return set;
};

// The question with its picture, if any, as a `field`, and `set`, which puts an answer there. Each answer of the reader
// calls `picked`.
export const questionField = (question, picked) => {
  const field = make("fieldset", "question");
  const legend = field.appendChild(make("legend"));
  if (question.picture)
    legend.append(Object.assign(make("img"), { src: question.picture, alt: question.alt ?? _("The picture at hand") }));
  legend.append(make("span", "", question.words));
  const answers = field.appendChild(make("div", "answers"));
  return { field, set: (question.choices.length ? choicesOf : sliderOf)(answers, question, picked) };
};
