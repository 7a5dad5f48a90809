// The picture as a sum of atoms as a component of Welcome.
import { component } from "../../../stage/dom.js";
import { Adder } from "../../../stage/sum.js";

export default component(Adder);
