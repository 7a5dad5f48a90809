// Whether an answer is right: the truth of a question is a number or the place of a choice, a margin, and the places of
// other choices that are as right.
export const isRight = (answer, [truth, margin, ties]) => ties.includes(answer) || Math.abs(answer - truth) <= margin;
