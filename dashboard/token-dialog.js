/** @import { Session } from './session.js' */
import { byId, setText } from './element.js'

/** Asks for the token if the service requires one. */
export class TokenDialog {
  #dialog = /** @type {HTMLDialogElement} */ (byId('token'))
  #input = /** @type {HTMLInputElement} */ (byId('token-input'))
  #session

  /**
   * @param {Session} session
   * @param {() => void} onToken
   */
  constructor (session, onToken) {
    this.#session = session
    byId('token-form').addEventListener('submit', (event) => {
      event.preventDefault()
      session.setToken(this.#input.value)
      this.#input.value = ''
      this.#dialog.close()
      onToken()
    })
  }

  /** Opens the dialog, with a message if the service refused the token. */
  ask () {
    setText(byId('token-error'), this.#session.hasToken ? 'The service refused this token.' : '')
    if (!this.#dialog.open) this.#dialog.showModal()
  }
}
