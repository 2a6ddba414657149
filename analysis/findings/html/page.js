// What all pages share. Texts come from strangers' code: they become text nodes and attributes of elements made here, never
// markup.
'use strict';
const byId = id => document.getElementById(id);
const dataOf = id => JSON.parse(byId(id).textContent);
const plural = (count, noun) => `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;

/// element('a.row', {href: '#'}, 'text', child)
function element(kind, attributes = {}, ...children) {
  const [name, ...classes] = kind.split('.');
  const node = document.createElement(name);
  if (classes.length) node.className = classes.join(' ');
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

function svgElement(name, attributes, text) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
}

