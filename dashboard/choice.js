import { element } from './element.js'

/**
 * Fills a fieldset with exclusive options and stores the choice.
 *
 * @param {HTMLElement} host
 * @param {string} key of the choice in localStorage
 * @param {readonly { value: string, label: string, isDefault?: boolean }[]} options
 * @param {(value: string) => void} onChoose also called for the stored choice
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
    // Storage may be forbidden: then the choice lasts as long as the page.
  }
}
