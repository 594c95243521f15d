// A component drawn again only when one of its own properties changed.
import { Component } from "./vendor/preact.js";

const differs = (before, after) =>
  Object.keys({ ...before, ...after }).some((key) => before[key] !== after[key]);

/** Rows of long lists: records keep their identity until a patch touches them, so this is enough. */
export function memo(draw) {
  return class extends Component {
    shouldComponentUpdate(next) {
      return differs(this.props, next);
    }

    render(props) {
      return draw(props);
    }
  };
}
