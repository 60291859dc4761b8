/* Where cells of a grid of many equal cells are, so that only those near the screen exist. */

export interface GridLayout {
  columns: number;
  cellWidth: number;
  rowHeight: number /* with the gap below */;
  rows: number;
  height: number;
}

export interface GridOptions {
  minCell: number /* narrowest a cell may be */;
  gap: number;
  aspect: number /* width / height of the picture */;
  caption: number /* height of what stands below the picture */;
}

export function gridLayout(count: number, width: number, options: GridOptions): GridLayout {
  const columns = Math.max(1, Math.floor((width + options.gap) / (options.minCell + options.gap)));
  const cellWidth = Math.max(0, (width - options.gap * (columns - 1)) / columns);
  const rowHeight = Math.round(cellWidth / options.aspect) + options.caption + options.gap;
  const rows = Math.ceil(count / columns);
  return {
    columns,
    cellWidth,
    rowHeight,
    rows,
    height: Math.max(0, rows * rowHeight - options.gap),
  };
}

/** Cells [first, last) that are on screen or within `overscan` pixels of it. */
export function visibleCells(
  layout: GridLayout,
  count: number,
  top: number /* of the screen, from the top of the grid; may be negative */,
  screen: number,
  overscan: number,
): { first: number; last: number } {
  const firstRow = Math.max(0, Math.floor((top - overscan) / layout.rowHeight));
  const lastRow = Math.min(layout.rows, Math.ceil((top + screen + overscan) / layout.rowHeight));
  const first = Math.min(count, firstRow * layout.columns);
  return { first, last: Math.max(first, Math.min(count, lastRow * layout.columns)) };
}

export function cellPlace(
  layout: GridLayout,
  index: number,
  gap: number,
): { x: number; y: number } {
  const column = index % layout.columns;
  return {
    x: column * (layout.cellWidth + gap),
    y: Math.floor(index / layout.columns) * layout.rowHeight,
  };
}
