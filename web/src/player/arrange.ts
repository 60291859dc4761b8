/* Where the pictures of several cameras stand: close together, as large as they can be, all of one
 * size; or one large and the others beside or below it, whichever leaves it more. */

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

/* Of the widest there can be; a last row that is full is worth as much less. */
const FULL = 0.9;

interface Packed extends Box {
  places: Place[];
}

const fitted = (box: Box, aspect: number): Box => {
  const width = Math.max(1, Math.min(box.width, box.height * aspect));
  return { width, height: width / aspect };
};

function cell(count: number, columns: number, box: Box): Box {
  const rows = Math.ceil(count / columns);
  return {
    width: (box.width - GAP * (columns - 1)) / columns,
    height: (box.height - GAP * (rows - 1)) / rows,
  };
}

/* Columns that give the widest pictures; with equal ones, the fewer. */
function columnsFor(count: number, box: Box, aspect: number): number {
  const widths = Array.from(
    { length: count },
    (_, i) => fitted(cell(count, i + 1, box), aspect).width,
  );
  const widest = Math.max(...widths);
  const good = (part: number) => (width: number, i: number) =>
    width > widest * part - 0.5 && (part === 1 || count % (i + 1) === 0);
  const full = widths.findIndex(good(FULL));
  return 1 + (full >= 0 ? full : widths.findIndex(good(1)));
}

/* Pictures close together, from the upper left; none wider than `most`. */
function pack(count: number, box: Box, aspect: number, most = Infinity): Packed {
  const columns = columnsFor(count, box, aspect);
  const free = cell(count, columns, box);
  const size = fitted({ ...free, width: Math.min(free.width, most) }, aspect);
  const inLast = count % columns || columns;
  const places = Array.from({ length: count }, (_, i) => {
    const row = Math.floor(i / columns);
    /* a last row that is not full stands in the middle */
    const missing = i >= count - inLast ? columns - inLast : 0;
    const column = (i % columns) + missing / 2;
    return { x: column * (size.width + GAP), y: row * (size.height + GAP), ...size };
  });
  const rows = Math.ceil(count / columns);
  return {
    width: columns * (size.width + GAP) - GAP,
    height: rows * (size.height + GAP) - GAP,
    places,
  };
}

const middle = (all: number, part: number) => (all - part) / 2;
const moved = (places: Place[], x: number, y: number) =>
  places.map((place) => ({ ...place, x: place.x + x, y: place.y + y }));

/** The places of `count` pictures of this aspect; `large`: the one that is large, if any. */
export function arrange(count: number, box: Box, aspect: number, large: number | null): Place[] {
  if (count === 1) return [{ x: 0, y: 0, ...box }];
  if (large === null || large >= count) {
    const all = pack(count, box, aspect);
    return moved(all.places, middle(box.width, all.width), middle(box.height, all.height));
  }
  const beside = fitted({ width: box.width * (1 - STRIP) - GAP, height: box.height }, aspect);
  const below = fitted({ width: box.width, height: box.height * (1 - STRIP) - GAP }, aspect);
  const side = beside.width >= below.width;
  const main = side ? beside : below;
  /* The others have what the large one leaves. */
  const free = side
    ? { width: box.width - main.width - GAP, height: box.height }
    : { width: box.width, height: box.height - main.height - GAP };
  const rest = pack(count - 1, free, aspect, main.width / 2);
  const left = middle(box.width, side ? main.width + GAP + rest.width : main.width);
  const top = middle(box.height, side ? main.height : main.height + GAP + rest.height);
  const places = side
    ? moved(rest.places, left + main.width + GAP, middle(box.height, rest.height))
    : moved(rest.places, middle(box.width, rest.width), top + main.height + GAP);
  places.splice(large, 0, { x: left, y: top, ...main });
  return places;
}
