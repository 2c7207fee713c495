/** @import { Connection } from '../contract.d.ts' */
import { say } from '../announce.js'
import { byId, element, renderWhenChanged, setText } from '../element.js'
import { formatClock, formatDuration } from '../figures/format.js'

/** Shows whether the figures are current, and if not, since when and why. */
export class ConnectionPanel {
  /** @type {Connection} */
  #connection = { kind: 'connecting' }
  #isStaleSaid = false

  /** @param {Connection} connection */
  update (connection) {
    this.#connection = connection
    document.body.dataset.connection = connection.kind
    if (connection.kind === 'stale' && !this.#isStaleSaid) {
      this.#isStaleSaid = true
      say('Connection lost: the figures are stale.')
    } else if (connection.kind === 'live' && this.#isStaleSaid) {
      this.#isStaleSaid = false
      say('Connected again: the figures are current.')
    }
    this.tick()
  }

  /** Call this each second, since the age of the figures grows while none arrive. */
  tick () {
    const connection = this.#connection
    setText(byId('connection-text'), describe(connection))
    renderWhenChanged(byId('notices'), notice(connection), () => {
      const shown = notice(connection)
      return shown === undefined
        ? []
        : [element('p', { class: 'notice bad' }, element('strong', {}, shown.title), element('span', {}, shown.text))]
    })
  }
}

/** @param {Connection} connection */
function describe (connection) {
  switch (connection.kind) {
    case 'connecting': return 'Connecting'
    case 'live': return 'Live'
    case 'stale': {
      if (connection.since === 0) return 'Not connected'
      const age = Math.max(0, Math.round((Date.now() - connection.since) / 1_000))
      return `Stale since ${formatClock(connection.since, { withSeconds: true })}, last figures ${
        formatDuration(Math.max(10, age)) === formatDuration(age) ? formatDuration(age) : `${age} s`
      } old`
    }
    case 'unauthorized': return 'Not authorised'
    case 'forbidden': return 'Refused'
    case 'missing': return 'No figures here'
  }
}

/** @param {Connection} connection */
function notice (connection) {
  switch (connection.kind) {
    case 'stale':
      return {
        title: connection.since === 0 ? 'Not connected' : 'These figures are not current',
        text: `${capitalized(connection.why)}. This page keeps trying.`
      }
    case 'unauthorized':
      return { title: 'Not authorised', text: 'The service requires its ADMIN_TOKEN. Reload the page to enter it.' }
    case 'forbidden':
      return { title: 'Refused', text: `${connection.detail}.` }
    case 'missing':
      return { title: 'No figures here', text: 'This process has no dashboard stream; it may run an older version.' }
    default:
      return undefined
  }
}

/** @param {string} text */
function capitalized (text) {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
