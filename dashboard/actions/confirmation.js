import { byId, element, setText } from '../element.js'

/**
 * Asks before something is done. Escape and Cancel are no.
 *
 * @param {{ title: string, paragraphs: readonly string[], verb: string, content?: Node }} question `content` for what is to be chosen as well
 * @returns {Promise<boolean>}
 */
export function confirmed ({ title, paragraphs, verb, content }) {
  const dialog = /** @type {HTMLDialogElement} */ (byId('confirm'))
  setText(byId('confirm-title'), title)
  byId('confirm-body').replaceChildren(...paragraphs.map((text) => element('p', {}, text)), ...(content === undefined ? [] : [content]))
  setText(byId('confirm-yes'), verb)
  dialog.returnValue = 'no'
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true })
    dialog.showModal()
  })
}
