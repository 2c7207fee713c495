import { element } from './element.js'

/**
 * Fills a fieldset with options of which one is chosen, and keeps the choice.
 *
 * @param {HTMLElement} host
 * @param {string} key under which localStorage keeps it
 * @param {readonly { value: string, label: string, isDefault?: boolean }[]} options
 * @param {(value: string) => void} onChoose called for the choice that was kept as well
 */
export function offerChoice (host, key, options, onChoose) {
  const kept = read(key)
  const chosen = options.some(({ value }) => value === kept) ? kept : options.find(({ isDefault }) => isDefault)?.value
  for (const { value, label } of options) {
    const input = element('input', { type: 'radio', name: key, value, checked: value === chosen })
    input.addEventListener('change', () => {
      keep(key, value)
      onChoose(value)
    })
    host.append(element('label', {}, input, label))
  }
  onChoose(/** @type {string} */ (chosen))
}

/** @param {string} key */
function read (key) {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

/**
 * @param {string} key
 * @param {string} value
 */
function keep (key, value) {
  try {
    localStorage.setItem(key, value)
  } catch {
    // Storage may be forbidden: the choice then lasts as long as the page.
  }
}
