// The picture as a sum of atoms as a component of Welcome.
import { component } from "../../../browser/dom.js";
import { Adder } from "../../../browser/sum.js";

export default component(Adder);
