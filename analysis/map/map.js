// The map's page: one drawing for each driver, what starts something to the left of what it starts. A click on a box shows
// what its code does; the lines of the box that the pointer is on stand out.
(() => {
const data = dataOf('maps-data');
const kinds = {top: 'top half', thread: 'interrupt thread', soft: 'deferred, must not sleep', work: 'deferred, may sleep', other: 'other entry'};

/// Columns: other entries, top halves, then what is deferred, one further than the first that starts it.
function columnsOf(map) {
  const column = map.entries.map(entry => entry.kind === 'other' ? 0 : entry.kind === 'top' ? 1 : Infinity);
  for (let round = 0, changed = true; changed && round < map.entries.length + 1; ++round) {
    changed = false;
    for (const {from, to} of map.edges) {
      const next = Math.max(column[from] + 1, 2);
      if (next < column[to]) { column[to] = next; changed = true; }
    }
  }
  return column.map(value => value === Infinity ? 2 : value);
}

/// What is seen before a box is opened: for each subject, the first few.
function shortOf(entry) {
  const subjects = new Map();
  for (const {subject, what} of entry.facts)
    if (subject !== 'starts') subjects.set(subject, [...subjects.get(subject) || [], what.split(' with ')[0]].filter(Boolean));
  for (const [subject, whats] of subjects) subjects.set(subject, [...new Set(whats)]); // one lock may be taken in several ways
  return [...subjects].map(([subject, whats]) =>
    element('span', {}, `${subject}${whats.length ? ': ' : ''}${whats.slice(0, 3).join('; ')}${whats.length > 3 ? '; \u2026' : ''}`));
}

function boxOf(entry) {
  const box = element(`details.box.${entry.kind}`, {}, element('summary', {}, element('strong', {}, entry.title), element('span', {}, entry.contexts), ...shortOf(entry)));
  if (entry.why) box.append(element('p', {}, entry.why));
  if (entry.site) box.append(element('p.place', {}, entry.site));
  for (const fact of entry.facts)
    box.append(element('p', {}, element('b', {}, `${fact.subject}${fact.what ? ': ' : ''}`), fact.what, ' ', element('span.place', {}, fact.where)));
  return box;
}

function draw(figure, svg, map, boxes) {
  const origin = figure.getBoundingClientRect();
  svg.setAttribute('width', figure.scrollWidth);
  svg.setAttribute('height', figure.scrollHeight);
  svg.replaceChildren();
  map.edges.forEach(edge => {
    const from = boxes[edge.from].getBoundingClientRect(), to = boxes[edge.to].getBoundingClientRect();
    const isBack = to.left <= from.left;
    const x1 = from.right - origin.left, y1 = from.top - origin.top + 18, y2 = to.top - origin.top + 18 + (isBack ? 10 : 0);
    const x2 = (isBack ? to.right : to.left) - origin.left, bend = isBack ? 40 : Math.max(24, (x2 - x1) / 2);
    const path = svgElement('path', {d: `M${x1},${y1} C${x1 + bend},${y1} ${isBack ? x2 + bend : x2 - bend},${y2} ${x2},${y2}`, class: 'edge',
      'data-from': edge.from, 'data-to': edge.to});
    path.append(svgElement('title', {}, `${edge.with} ${edge.where}`));
    svg.append(path, svgElement('circle', {cx: x2, cy: y2, r: 3.5, class: 'end'}));
  });
}

function figureOf(map) {
  const figure = element('div.map');
  const svg = svgElement('svg', {class: 'edges'});
  const columns = columnsOf(map);
  const boxes = map.entries.map(boxOf);
  figure.append(svg);
  for (const column of [...new Set(columns)].sort((a, b) => a - b))
    figure.append(element('div.column', {}, ...boxes.filter((box, i) => columns[i] === column)));
  boxes.forEach((box, i) => {
    const mark = isOn => svg.querySelectorAll(`[data-from="${i}"], [data-to="${i}"]`).forEach(path => path.classList.toggle('on', isOn));
    box.addEventListener('mouseenter', () => mark(true));
    box.addEventListener('mouseleave', () => mark(false));
    box.addEventListener('toggle', () => draw(figure, svg, map, boxes));
  });
  new ResizeObserver(() => draw(figure, svg, map, boxes)).observe(figure);
  return figure;
}

byId('summary').textContent = plural(data.maps.length, 'driver');
for (const [kind, text] of Object.entries(kinds)) byId('legend').append(element(`span.tag.${kind}`, {}, text));
for (const map of data.maps) byId('maps').append(element('h2', {}, map.module), figureOf(map));
if (!data.maps.length) byId('maps').append(element('p', {}, 'No interrupt and no deferral in these units.'));
})();
