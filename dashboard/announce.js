import { byId, element } from './element.js'

const TOAST_MS = 8_000

/**
 * Lets a screen reader announce a text that is not visible.
 *
 * @param {string} text
 */
export function say (text) {
  byId('live').append(element('p', {}, text))
  // Kept long enough to be read, then removed so that it is not read again.
  while (byId('live').childElementCount > 5) byId('live').firstElementChild?.remove()
}

/**
 * Shows and announces the result of an action. A failure stays until it is dismissed.
 *
 * @param {string} text
 * @param {{ hasFailed?: boolean }} [options]
 */
export function showResult (text, { hasFailed = false } = {}) {
  const toast = element(
    'div',
    { class: hasFailed ? 'toast failed' : 'toast' },
    element('span', {}, text),
    element('button', { type: 'button', onclick: () => toast.remove() }, 'Close')
  )
  // A modal dialog makes everything outside of it inert, including toasts.
  const dialog = document.querySelector('dialog[open]')
  const host = byId('toasts')
  if (dialog === null) document.body.append(host)
  else dialog.append(host)
  host.append(toast)
  if (!hasFailed) setTimeout(() => toast.remove(), TOAST_MS)
}
