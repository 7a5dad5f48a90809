// The divider of what was cleaned.
import { Divider } from "./divider.js";
import { component } from "./dom.js";

export default component(Divider);
