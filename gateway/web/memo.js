// A component drawn again only when one of its own properties changed.
import { Component } from "./vendor/preact.js";

/** Whether two sets of properties would be drawn differently. */
export const differs = (before, after) => {
  for (const key in after) if (before[key] !== after[key]) return true;
  for (const key in before) if (!(key in after)) return true;
  return false;
};

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
