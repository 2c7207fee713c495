import { byId, element, setText } from '../element.js'

/**
 * Asks for confirmation. Escape and Cancel mean no.
 *
 * @param {{ title: string, paragraphs: readonly string[], verb: string, content?: Node }} question `content` holds
 *   further choices
 * @returns {Promise<boolean>}
 */
export function confirmed ({ title, paragraphs, verb, content }) {
  const dialog = /** @type {HTMLDialogElement} */ (byId('confirm'))
  setText(byId('confirm-title'), title)
  byId('confirm-body').replaceChildren(
    ...paragraphs.map((text) => element('p', {}, text)),
    ...(content === undefined ? [] : [content])
  )
  setText(byId('confirm-yes'), verb)
  dialog.returnValue = 'no'
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true })
    dialog.showModal()
  })
}
