// What is asked, and where a reader answers: choices, or a slider, which has no value until it is touched.
import { withUnit } from "./answers.js";
import { make } from "./dom.js";
import { _ } from "./words.js";

const choicesOf = (answers, { choices }, picked) => {
  const inputs = choices.map((words, k) => {
    const label = answers.appendChild(make("label", "choice"));
    const onchange = () => picked(k);
    const input = make("input", "", "", { type: "radio", name: "answer", value: k, onchange });
    label.append(input, make("span", "", words));
    return input;
  });
  return (value) => (inputs[value].checked = true);
};

const sliderOf = (answers, question, picked) => {
  const [low, high, step] = question.range;
  const shown = answers.appendChild(make("output", "", _("Move the slider")));
  const options = { type: "range", min: low, max: high, step, value: (low + high) / 2, ariaLabel: _("Your answer") };
  const input = answers.appendChild(make("input", "untouched", "", options));
  input.ariaValueText = shown.textContent;
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

// The question with its picture as a `field`, and `set`, which puts an answer there. Answers call `picked`.
export const questionField = (question, picked) => {
  const field = make("fieldset", "question");
  const legend = field.appendChild(make("legend"));
  const [src, alt] = [question.picture, question.alt ?? _("The picture at hand")];
  legend.append(...(src ? [make("img", "", "", { src, alt })] : []), make("span", "", question.words));
  const answers = field.appendChild(make("div", "answers"));
  return { field, set: (question.choices.length ? choicesOf : sliderOf)(answers, question, picked) };
};
