// The divider of what was cleaned.
import { component } from "../../stage/dom.js";
import { Divider } from "./divider.js";

export default component(Divider);
