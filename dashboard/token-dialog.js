/** @import { Session } from './session.js' */
import { byId, setText } from './element.js'

/** Asks for the token when the service wants one. */
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

  /** Opens it, and says so when a token was refused. */
  ask () {
    setText(byId('token-error'), this.#session.hasToken ? 'That token was refused.' : '')
    if (!this.#dialog.open) this.#dialog.showModal()
  }
}
