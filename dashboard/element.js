/** @typedef {Node | string | null | undefined | false} Child */

/**
 * Makes an element. Content of events is inserted as text: this page never parses anything as HTML.
 *
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, unknown>} [attributes] `class`, `onclick` and so on; true sets one without a value, false and
 *   undefined omit it
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
 * Makes an SVG element.
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
 * Returns the element of index.html with this id, which has to exist.
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
 * Sets text only if it changes, so that it does not disturb a selection or a screen reader.
 *
 * @param {Element} target
 * @param {string} text
 */
export function setText (target, text) {
  if (target.textContent !== text) target.textContent = text
}

/**
 * Sets the text of a figure, which is less prominent if it is only a word.
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
 * Replaces the children of an element if the shown value has changed.
 *
 * @param {Element} target
 * @param {unknown} shown a value that is compared as JSON
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
  return /** @type {(Node | string)[]} */ (children.filter((child) =>
    child !== null && child !== undefined && child !== false
  ))
}
