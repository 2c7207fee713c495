/** @import { State } from '../contract.d.ts' */
/** @import { ThresholdName } from '../figures/settings.js' */
/** @import { Session } from '../session.js' */
import { act } from '../actions/act.js'
import { confirmed } from '../actions/confirmation.js'
import { THRESHOLDS_QUESTION } from '../actions/question.js'
import { byId, element, setText } from '../element.js'
import { isThresholdSet, THRESHOLD_NAMES, thresholdsPatch, thresholdsText, versionText } from '../figures/settings.js'

/** The settings in force on every replica, their version and their last change; thresholds can be changed. */
export class SettingsPanel {
  #session
  /** @type {State | undefined} */
  #state

  /**
   * @param {Session} session
   * @param {() => void} onUnauthorized
   */
  constructor (session, onUnauthorized) {
    this.#session = session
    byId('change-thresholds').addEventListener('click', () => act(() => this.#change(), onUnauthorized))
  }

  /** @param {State} state */
  update (state) {
    this.#state = state
    setText(byId('settings-thresholds'), thresholdsText(state))
    setText(byId('settings-version'), versionText(state))
  }

  async #change () {
    const state = this.#state
    if (state === undefined) return undefined
    const inputs = Object.entries(THRESHOLD_NAMES).map(([name, label]) =>
      this.#input(state, /** @type {ThresholdName} */ (name), label))
    const content = element('div', { class: 'thresholds' }, ...inputs)
    if (!await confirmed({ ...THRESHOLDS_QUESTION, content })) return undefined
    const entered = Object.fromEntries([...content.querySelectorAll('input')].map(({ name, value }) => [name, value]))
    const body = thresholdsPatch(state, /** @type {Record<ThresholdName, string>} */ (entered))
    if (body === undefined) return 'The thresholds are as they were.'
    // Somebody else may have changed them since the figures in the question were shown.
    const { version } = await this.#session.json('/api/v1/settings', {
      method: 'PATCH', body, headers: { 'if-match': `"${state.settings.version}"` }
    })
    return `The thresholds are in force, version ${version} of the settings.`
  }

  /**
   * @param {State} state
   * @param {ThresholdName} name
   * @param {string} label
   */
  #input (state, name, label) {
    const id = `threshold-${name}`
    const isSet = isThresholdSet(state, name)
    return element('p', { class: 'field' },
      element('label', { for: id }, label),
      element('input', {
        id, name, type: 'number', min: 1, step: 1, inputmode: 'numeric', autocomplete: 'off',
        ...(isSet ? { value: state.thresholds[name] } : { placeholder: `${state.thresholds[name]}, as configured` })
      }))
  }
}
