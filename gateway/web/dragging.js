// Dragging one row of a list onto another. Each list has a way for the keyboard beside it.

const isOf = (type, drag) => drag.dataTransfer.types.includes(type);

/**
 * What the rows of a list listen to, as properties of the element of (id, item).
 *
 * @param kind of what is dragged: rows of one kind land on rows of the same
 * @param mayMove whether an item may be dragged at all
 * @param told the words that another program gets where one is dropped there
 * @param onDrop told which id was dropped, and onto which
 */
export function dragging({ kind, mayMove, told, onDrop }) {
  const type = `application/x-hearhear-${kind}`;
  return (id, item) => ({
    draggable: mayMove(item),
    onDragStart: (drag) => {
      drag.dataTransfer.setData(type, id);
      drag.dataTransfer.setData("text/plain", told(item));
      drag.dataTransfer.effectAllowed = "move";
    },
    onDragOver: (drag) => {
      if (!isOf(type, drag)) return;
      drag.preventDefault();
      drag.currentTarget.dataset.over = "true";
    },
    onDragLeave: (drag) => delete drag.currentTarget.dataset.over,
    onDrop: (event) => {
      const dropped = event.dataTransfer.getData(type);
      delete event.currentTarget.dataset.over;
      if (!dropped || dropped === id) return;
      event.preventDefault();
      onDrop(dropped, id);
    },
  });
}
