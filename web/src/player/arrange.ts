/* Where the pictures of several cameras stand: as large as they can be, all of one size; or one
 * large and the others in a strip beside or below it, whichever leaves it more. */

export interface Box {
  width: number;
  height: number;
}
export interface Place extends Box {
  x: number;
  y: number;
}

const GAP = 4;
const STRIP = 0.22;

const fitted = (box: Box, aspect: number) => Math.min(box.width, box.height * aspect);

/* Columns that give the widest pictures; with equal ones, the fewer. */
function columnsFor(count: number, box: Box, aspect: number): number {
  let best = 1;
  let widest = 0;
  for (let columns = 1; columns <= count; columns++) {
    const width = fitted(cell(count, columns, box), aspect);
    if (width > widest + 0.5) [best, widest] = [columns, width];
  }
  return best;
}

function cell(count: number, columns: number, box: Box): Box {
  const rows = Math.ceil(count / columns);
  return {
    width: Math.max(1, (box.width - GAP * (columns - 1)) / columns),
    height: Math.max(1, (box.height - GAP * (rows - 1)) / rows),
  };
}

function grid(count: number, columns: number, box: Box, x = 0, y = 0): Place[] {
  const size = cell(count, columns, box);
  const inLast = count % columns || columns;
  return Array.from({ length: count }, (_, i) => {
    const row = Math.floor(i / columns);
    /* a last row that is not full stands in the middle */
    const missing = i >= count - inLast ? columns - inLast : 0;
    const column = (i % columns) + missing / 2;
    return { x: x + column * (size.width + GAP), y: y + row * (size.height + GAP), ...size };
  });
}

/** The places of `count` pictures of this aspect; `large`: the one that is large, if any. */
export function arrange(count: number, box: Box, aspect: number, large: number | null): Place[] {
  if (count === 1) return [{ x: 0, y: 0, ...box }];
  if (large === null || large >= count) return grid(count, columnsFor(count, box, aspect), box);
  const beside = { width: box.width * (1 - STRIP) - GAP, height: box.height };
  const below = { width: box.width, height: box.height * (1 - STRIP) - GAP };
  const side = fitted(beside, aspect) >= fitted(below, aspect);
  const main = side ? beside : below;
  const strip = side
    ? { width: box.width * STRIP, height: box.height }
    : { width: box.width, height: box.height * STRIP };
  const rest = grid(
    count - 1,
    side ? 1 : count - 1,
    strip,
    side ? main.width + GAP : 0,
    side ? 0 : main.height + GAP,
  );
  const places = [...rest];
  places.splice(large, 0, { x: 0, y: 0, ...main });
  return places;
}
