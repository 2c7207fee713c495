import { byId, element } from './element.js'

const TOAST_MS = 8_000

/**
 * Has a screen reader say something, without showing it.
 *
 * @param {string} text
 */
export function say (text) {
  byId('live').append(element('p', {}, text))
  // Long enough to be read out; an old one is never read again.
  while (byId('live').childElementCount > 5) byId('live').firstElementChild?.remove()
}

/**
 * Shows what came of an action, and has it said. A failure stays until it is put away.
 *
 * @param {string} text
 * @param {{ hasFailed?: boolean }} [options]
 */
export function showResult (text, { hasFailed = false } = {}) {
  const toast = element('div', { class: hasFailed ? 'toast failed' : 'toast' }, element('span', {}, text), element('button', { type: 'button', onclick: () => toast.remove() }, 'Close'))
  // A modal dialog makes everything outside of it inert, the toasts too.
  const dialog = document.querySelector('dialog[open]')
  const host = byId('toasts')
  if (dialog === null) document.body.append(host)
  else dialog.append(host)
  host.append(toast)
  if (!hasFailed) setTimeout(() => toast.remove(), TOAST_MS)
}
