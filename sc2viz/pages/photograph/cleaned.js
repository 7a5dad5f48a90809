// The divider of a photograph that is cleaned.
import { component } from "../../browser/dom.js";
import { Divider } from "./divider.js";

export default component(Divider);
