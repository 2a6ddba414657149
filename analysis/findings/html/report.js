// The report's page. The address after # says what is shown, so that the browser's "back" works and a view can be sent to somebody.
(() => {
const data = dataOf('index');
const facets = [['confidence', 'Confidence'], ['rule', 'Rule'], ['context', 'Context'], ['subsystem', 'Subsystem'], ['replay', 'Replay']];
const certainty = {high: 0, medium: 1, low: 2};

/// A tree is cut by its folders: what lies deeper than two is a part of a subsystem.
function subsystemOf(file) {
  const folders = file.split('/').slice(0, -1);
  return folders.slice(0, 2).join('/') || '(top)';
}

const titles = new Map(data.rules.map(rule => [rule.id, rule]));
data.findings.forEach((finding, number) => {
  finding.number = number;
  finding.subsystem = subsystemOf(finding.file);
});

/// What is searched; made when somebody searches.
function wordsOf(finding) {
  finding.words ??= [finding.message, finding.function, finding.file, finding.root, finding.rule, finding.id].join('\n').toLowerCase();
  return finding.words;
}

const numbers = new Map(data.findings.map(finding => [finding.id, finding.number]));

// What is shown: {finding, q, group, rule: Set, ...} <-> #q=...&rule=...&rule=... ------------------------------------------
function readAddress() {
  const address = new URLSearchParams(location.hash.slice(1));
  const view = {finding: address.get('finding'), q: address.get('q') || '', group: address.get('group') || 'subsystem', chosen: {}};
  for (const [key] of facets) view.chosen[key] = new Set(address.getAll(key));
  return view;
}

function addressOf(view) {
  const address = new URLSearchParams();
  if (view.finding) address.set('finding', view.finding);
  if (view.q) address.set('q', view.q);
  if (view.group !== 'subsystem') address.set('group', view.group);
  for (const [key] of facets) for (const value of view.chosen[key]) address.append(key, value);
  return '#' + address;
}

// The list ----------------------------------------------------------------------------------------------------------------
function matches(finding, view, words, except) {
  return facets.every(([key]) => key === except || !view.chosen[key].size || view.chosen[key].has(finding[key])) &&
    words.every(word => wordsOf(finding).includes(word));
}

function facetList(view, words, key, title, showAll) {
  const counts = new Map();
  for (const finding of data.findings)
    if (matches(finding, view, words, key)) counts.set(finding[key], (counts.get(finding[key]) || 0) + 1);
  for (const value of view.chosen[key]) if (!counts.has(value)) counts.set(value, 0);
  const rank = key === 'confidence' ? value => certainty[value] : () => 0; // what has an order of its own keeps it
  const values = [...counts].sort((a, b) => rank(a[0]) - rank(b[0]) || b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const most = showAll || values.length <= 14 ? values.length : 12;
  const list = element('div', {'data-facet': key}, element('h3', {}, title));
  for (const [value, count] of values.slice(0, most)) {
    const button = element('button', {type: 'button', 'aria-pressed': view.chosen[key].has(value), 'data-value': value},
      element('span', {}, value), element('span', {}, count.toLocaleString('en')));
    const rule = key === 'rule' && titles.get(value);
    if (rule) button.title = rule.title;
    button.addEventListener('click', () => {
      view.chosen[key].delete(value) || view.chosen[key].add(value);
      location.hash = addressOf(view);
    });
    list.append(button);
  }
  if (most < values.length) {
    const more = element('button.more', {type: 'button'}, `all ${values.length}`);
    more.addEventListener('click', () => list.replaceWith(facetList(view, words, key, title, true)));
    list.append(more);
  }
  return list;
}

function rowOf(finding, view) {
  return element('a.row', {href: addressOf({...view, finding: finding.id})},
    element('span', {}, finding.message),
    element('span', {}, element(`span.tag.${finding.confidence}`, {}, finding.confidence), element('span.tag', {}, finding.context),
      element('span.place', {}, `${finding.file}:${finding.line}`)));
}

const batch = 150;
let watcher = null;

/// Rows are made as they come into sight: thousands at once would take longer than reading the file.
function fillRows(found, view) {
  const rows = byId('rows');
  rows.replaceChildren();
  watcher?.disconnect();
  const sizes = new Map();
  for (const finding of found) sizes.set(finding[view.group], (sizes.get(finding[view.group]) || 0) + 1);
  const order = [...sizes].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([value]) => value);
  const rank = new Map(order.map((value, i) => [value, i]));
  found.sort((a, b) => rank.get(a[view.group]) - rank.get(b[view.group]) ||
    certainty[a.confidence] - certainty[b.confidence] || a.number - b.number);
  let next = 0, group;
  const end = element('p');
  rows.append(end);
  const addBatch = () => {
    for (const stop = Math.min(next + batch, found.length); next < stop; ++next) {
      const value = found[next][view.group];
      if (value !== group) end.before(element('div.group', {}, `${value} `, element('span.faint', {}, sizes.get(value).toLocaleString('en'))));
      group = value;
      end.before(rowOf(found[next], view));
    }
    if (next === found.length) watcher?.disconnect();
  };
  addBatch();
  watcher = new IntersectionObserver(entries => { if (entries.some(entry => entry.isIntersecting)) addBatch(); }, {rootMargin: '1500px'});
  if (next < found.length) watcher.observe(end);
}

function showList(view) {
  const words = view.q.toLowerCase().split(/\s+/).filter(Boolean);
  const found = data.findings.filter(finding => matches(finding, view, words));
  byId('facets').replaceChildren(...facets.map(([key, title]) => facetList(view, words, key, title, false)));
  if (document.activeElement !== byId('search')) byId('search').value = view.q;
  byId('group').value = view.group;
  byId('count').textContent = found.length === data.findings.length ? plural(found.length, 'finding')
    : `${plural(found.length, 'finding')} of ${data.findings.length.toLocaleString('en')}`;
  if (!found.length && data.findings.length) byId('count').textContent += ': no finding has all that was chosen';
  fillRows(found, view);
}

// A finding's page --------------------------------------------------------------------------------------------------------
function cards(finding, detail) {
  const list = element('div.cards');
  const card = (kind, title, ...texts) => list.append(element(`div.card.${kind}`, {}, element('strong', {}, title), ...texts));
  card(detail.maySleep ? 'sleeps' : 'atomic', `Runs in ${detail.ambient}`, element('p', {}, detail.rootWhy),
    element('p.place', {}, detail.rootFile ? `${detail.rootFile}:${detail.rootLine}` : ''));
  if (detail.held) card('atomic', 'Holds', element('p', {}, element('code', {}, detail.held)));
  card('sleeps', 'Needs a context that may sleep', element('p', {}, element('code', {}, `${detail.sink}()`), ` in ${finding.function}()`));
  for (const other of detail.contexts)
    card(other.maySleep ? 'sleeps' : 'atomic', `${finding.function}() also runs in ${other.phrase}`,
      element('details', {}, element('summary', {}, 'the shortest way there'),
        ...other.witness.map(line => element('p.place', {}, line.text))));
  return list;
}

let now = 0;
function goTo(step) {
  const note = byId(`step-${step}`);
  if (!note) return;
  now = step;
  for (const old of document.querySelectorAll('.now')) old.classList.remove('now');
  note.classList.add('now');
  document.querySelector(`.steps a[data-step="${step}"]`)?.classList.add('now');
  note.scrollIntoView({block: 'center'});
}

function stepLink(step, text) {
  const link = element('a', {href: '#', 'data-step': step}, text);
  link.addEventListener('click', event => { event.preventDefault(); goTo(step); });
  return link;
}

function noteOf(step, chain) {
  const note = element(step + 1 === chain.length ? 'div.note.last' : 'div.note', {id: `step-${step}`}, `${step + 1}. ${chain[step].what}`);
  if (step + 1 < chain.length) note.append(stepLink(step + 1, 'next \u2193'));
  return note;
}

function excerptOf(excerpt, chain) {
  const source = element('div.source');
  const add = steps => { for (const step of steps) source.append(noteOf(step, chain)); };
  excerpt.lines.forEach((line, i) => {
    const number = excerpt.first + i;
    const here = excerpt.steps.filter(step => chain[step].line === number);
    source.append(element(here.length ? 'div.at' : 'div', {}, element('span.number', {}, number), line));
    add(here);
  });
  const lines = excerpt.lines.length;
  if (!lines) source.append(element('div.faint', {}, 'the source was not at hand when this report was written'));
  add(excerpt.steps.filter(step => chain[step].line < excerpt.first || chain[step].line >= excerpt.first + lines));
  const place = excerpt.file ? `${excerpt.file}:${chain[excerpt.steps[0]].line}` : 'place unknown';
  return element('div.excerpt', {}, element('div.place', {}, `${place} in ${excerpt.function}()`), source);
}

const levels = {H: ['H', 'hard IRQ'], S: ['S', 'softirq'], s: ['S', 'softirq, interrupts off'], B: ['O', 'bottom halves off'],
  D: ['O', 'interrupts off'], A: ['O', 'preemption off'], T: ['T', 'task']};

/// One lane per CPU, time goes down; a box for as long as one thing runs, a row for each event in it.
function pictureOf(timeline) {
  const lane = timeline.cpus === 1 ? 1040 : 620, row = 21, top = 62;
  const mostLetters = Math.floor(lane / 7.75);
  const svg = svgElement('svg', {role: 'img', 'aria-label': 'replay timeline', 'font-size': 12.5, 'font-family': 'ui-monospace, DejaVu Sans Mono, monospace',
    width: 24 + timeline.cpus * (lane + 14), height: top + timeline.events.length * row + 14});
  const used = [...new Set(timeline.events.map(event => event.level))];
  used.forEach((level, i) => {
    const group = svgElement('g', {class: `legend ${(levels[level] || levels.T)[0]}`});
    group.append(svgElement('rect', {x: 12 + i * 190, y: 8, width: 182, height: 20, rx: 3}),
      svgElement('text', {x: 18 + i * 190, y: 22}, `${level}  ${(levels[level] || [0, level])[1]}`));
    svg.append(group);
  });
  for (let cpu = 0; cpu < timeline.cpus; ++cpu) {
    const x = 12 + cpu * (lane + 14);
    svg.append(svgElement('text', {x, y: 50, 'font-weight': 'bold'}, `CPU${cpu}`),
      svgElement('line', {class: 'lane', x1: x, x2: x + lane, y1: 55, y2: 55}));
  }
  timeline.events.forEach((event, i) => {
    const before = timeline.events[i - 1];
    const isSame = before && before.cpu === event.cpu && before.level === event.level && before.where === event.where &&
      before.task === event.task && !before.problem && !event.problem;
    const x = 12 + event.cpu * (lane + 14), y = top + i * row;
    const group = svgElement('g', {class: event.problem ? 'box problem' : `box ${(levels[event.level] || levels.T)[0]}`});
    group.append(svgElement('rect', {x, y: isSame ? y - 4 : y, width: lane, height: isSame ? row + 2 : row - 2, rx: 3}));
    const head = isSame ? '' : [event.level, event.task, event.where && `${event.where}:`].filter(Boolean).join(' ') + ' ';
    const text = head + event.text;
    const label = svgElement('text', {x: isSame ? x + 60 : x + 7, y: y + 14}, text.length > mostLetters ? `${text.slice(0, mostLetters - 1)}\u2026` : text);
    label.append(svgElement('title', {}, text));
    group.append(label);
    svg.append(group);
  });
  return element('div.picture', {}, svg);
}

const replays = {'reproduced': 'The runtime model does the same, and the kernel reports it:',
  'not-reproduced': 'The runtime model does not come to the sleep, or nothing reports it there. This is what it does:',
  'not-modelled': 'The runtime model does not execute this.'};

function replayOf(finding, timeline) {
  const text = replays[finding.replay] || finding.replay;
  return [element('h2', {}, 'Replay'), element('p', {}, timeline.why ? `${text} ${timeline.why}` : text),
    ...(timeline.cpus ? [pictureOf(timeline)] : []), ...(timeline.words[0] ? [element('pre', {}, timeline.words.join('\n'))] : [])];
}

function textList(title, texts) {
  return texts.length ? [element('h2', {}, title), element('ul', {}, ...texts.map(entry => element('li', {}, entry.text)))] : [];
}

function fillFinding(page, finding, detail, view) {
  const rule = titles.get(finding.rule);
  const back = element('a', {href: addressOf({...view, finding: null})}, '\u2190 all findings');
  const steps = element('ol.steps', {}, ...detail.chain.map((step, i) => element('li', {}, stepLink(i, `${i + 1}. ${step.what}`))));
  page.replaceChildren(back, element('h1', {}, finding.message),
    element('p', {}, element(`span.tag.${finding.confidence}`, {}, `${finding.confidence} confidence`), element('span.tag', {}, finding.rule),
      element('span.tag', {}, finding.context), element('span.place', {}, `${finding.file}:${finding.line}`)),
    element('h2', {}, 'Contexts that meet here'), cards(finding, detail),
    element('h2', {}, 'Chain'), steps, ...detail.excerpts.map(excerpt => excerptOf(excerpt, detail.chain)),
    ...replayOf(finding, detail.timeline),
    ...(detail.instead ? [element('h2', {}, `Instead: ${detail.instead}`), element('p', {}, detail.insteadWhy)] : []),
    ...(detail.others ? [element('h2', {}, 'Other sleeps behind the same call'), element('p', {}, detail.others)] : []),
    ...textList('What was assumed', detail.assumptions), ...textList('Evidence in the kernel', detail.evidence),
    ...(rule ? [element('h2', {}, rule.title), element('p', {}, rule.why)] : []),
    element('footer', {}, 'fingerprint ', element('code', {}, finding.id)));
}

function showFinding(view) {
  const page = byId('finding');
  const number = numbers.get(view.finding);
  if (number === undefined) {
    page.replaceChildren(element('p', {}, `No finding of this report has the fingerprint ${view.finding}. `), element('a', {href: '#'}, 'all findings'));
    return;
  }
  const source = byId(`finding-${number}`);
  if (!source && document.readyState === 'loading') { // the rest of the file is on its way
    page.replaceChildren(element('p', {}, 'reading\u2026'));
    document.addEventListener('DOMContentLoaded', show, {once: true});
    return;
  }
  fillFinding(page, data.findings[number], dataOf(source.id), view);
  now = 0;
}

// -------------------------------------------------------------------------------------------------------------------------
let listScroll = 0, isListShown = false;
function show() {
  const view = readAddress();
  if (isListShown && view.finding) listScroll = scrollY;
  byId('list').hidden = Boolean(view.finding);
  byId('finding').hidden = !view.finding;
  if (view.finding) showFinding(view); else showList(view);
  document.title = view.finding ? `${data.findings[numbers.get(view.finding)]?.function || 'bhlint'}()` : 'bhlint report';
  scrollTo(0, view.finding || isListShown ? 0 : listScroll);
  isListShown = !view.finding;
}

byId('summary').textContent = `${plural(data.findings.length, 'finding')} in ${plural(data.units, 'unit')} \u00b7 version ${data.version}`;
if (data.failed.length) {
  byId('failed').hidden = false;
  byId('failed').querySelector('summary').textContent = `${plural(data.failed.length, 'unit')} could not be analysed`;
  byId('failed').querySelector('ul').append(...data.failed.map(unit => element('li', {}, element('span.place', {}, unit.file), ` ${unit.reason}`)));
}
byId('search').addEventListener('input', () => {
  const view = readAddress();
  view.q = byId('search').value;
  history.replaceState(null, '', addressOf(view));
  showList(view);
});
byId('tools').addEventListener('submit', event => event.preventDefault());
byId('group').addEventListener('change', () => {
  const view = readAddress();
  view.group = byId('group').value;
  location.hash = addressOf(view);
});
document.addEventListener('keydown', event => {
  if (byId('finding').hidden || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === 'n' || event.key === 'j') goTo(byId(`step-${now}`)?.classList.contains('now') ? now + 1 : 0);
  if (event.key === 'p' || event.key === 'k') goTo(Math.max(now - 1, 0));
});
addEventListener('hashchange', show);
show();
performance.mark('shown');
})();
