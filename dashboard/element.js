/** @typedef {Node | string | null | undefined | false} Child */

/**
 * Makes an element. Whatever came from events goes in as text: nothing on this page is ever parsed as HTML.
 *
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, unknown>} [attributes] `class`, `onclick` and so on; true for one without a value, false and undefined for none
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function element (name, attributes = {}, ...children) {
  const made = document.createElement(name)
  setAttributes(made, attributes)
  made.append(...present(children))
  return made
}

/**
 * The same for SVG.
 *
 * @template {keyof SVGElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, unknown>} [attributes]
 * @param {...Child} children
 * @returns {SVGElementTagNameMap[Name]}
 */
export function svg (name, attributes = {}, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name)
  setAttributes(made, attributes)
  made.append(...present(children))
  return made
}

/**
 * The element of index.html with this id, which has to be there.
 *
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId (id) {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`index.html has no element #${id}`)
  return found
}

/**
 * Sets text only where it changes, so that a selection and a screen reader are left alone.
 *
 * @param {Element} target
 * @param {string} text
 */
export function setText (target, text) {
  if (target.textContent !== text) target.textContent = text
}

/**
 * The same for a figure, which stands back where it is only a word.
 *
 * @param {Element} target
 * @param {string} text
 */
export function setFigure (target, text) {
  setText(target, text)
  target.classList.toggle('is-word', !/\d/.test(text))
}

/** @type {WeakMap<Element, string>} */
const rendered = new WeakMap()

/**
 * Replaces the children of an element when what they show has changed.
 *
 * @param {Element} target
 * @param {unknown} shown anything that JSON can tell apart
 * @param {() => Child[]} render
 */
export function renderWhenChanged (target, shown, render) {
  const key = JSON.stringify(shown)
  if (rendered.get(target) === key) return
  rendered.set(target, key)
  target.replaceChildren(...present(render()))
}

/**
 * @param {Element} target
 * @param {Record<string, unknown>} attributes
 */
function setAttributes (target, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue
    if (name.startsWith('on')) target.addEventListener(name.slice(2), /** @type {EventListener} */ (value))
    else target.setAttribute(name, value === true ? '' : String(value))
  }
}

/** @param {Child[]} children @returns {(Node | string)[]} */
function present (children) {
  return /** @type {(Node | string)[]} */ (children.filter((child) => child !== null && child !== undefined && child !== false))
}
