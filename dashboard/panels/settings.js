/** @import { State } from '../contract.d.ts' */
/** @import { Question } from '../actions/question.js' */
/** @import { Field } from '../figures/settings.js' */
/** @import { Session } from '../session.js' */
import { act } from '../actions/act.js'
import { confirmed } from '../actions/confirmation.js'
import { SETTINGS_QUESTION, THRESHOLDS_QUESTION } from '../actions/question.js'
import { byId, element, setText } from '../element.js'
import { fieldsText, furtherFields, settingsPatch, textOf, thresholdFields, versionText } from '../figures/settings.js'

/** The settings in force on every replica, their version and their last change. Changes all but the mode. */
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
    const on = (
      /** @type {string} */ id,
      /** @type {Question} */ question,
      /** @type {(state: State) => Field[]} */ fieldsOf
    ) => byId(id).addEventListener('click', () => act(() => this.#change(question, fieldsOf), onUnauthorized))
    on('change-thresholds', THRESHOLDS_QUESTION, thresholdFields)
    on('change-further', SETTINGS_QUESTION, furtherFields)
  }

  /** @param {State} state */
  update (state) {
    this.#state = state
    const further = furtherFields(state)
    setText(byId('settings-thresholds'), fieldsText(thresholdFields(state)))
    setText(byId('settings-further'), fieldsText(further))
    byId('settings-further-row').hidden = further.length === 0
    setText(byId('settings-version'), versionText(state))
  }

  /**
   * @param {Question} question
   * @param {(state: State) => Field[]} fieldsOf
   */
  async #change (question, fieldsOf) {
    const state = this.#state
    if (state === undefined) return undefined
    const fields = fieldsOf(state)
    const content = element('div', { class: 'thresholds' }, ...fields.map(inputOf))
    if (!await confirmed({ ...question, content })) return undefined
    const entered = Object.fromEntries([...content.querySelectorAll('input')].map(({ name, value }) => [name, value]))
    const body = settingsPatch(fields, entered)
    if (body === undefined) return 'The settings are unchanged.'
    // Somebody else may have changed them since the dialog opened.
    const { version } = await this.#session.json('/api/v1/settings', {
      method: 'PATCH', body, headers: { 'if-match': `"${state.settings.version}"` }
    })
    return `The change is in force, version ${version} of the settings.`
  }
}

/** @param {Field} field */
function inputOf ({ field, label, value, isSet }) {
  const isNumber = typeof value === 'number'
  return element('p', { class: 'field' },
    element('label', { for: field }, label),
    element('input', {
      id: field,
      name: field,
      autocomplete: 'off',
      ...(isNumber ? { type: 'number', step: 'any', inputmode: 'decimal' } : { type: 'text' }),
      ...(isSet ? { value: textOf(value) } : { placeholder: `${textOf(value)}, as configured` })
    }))
}
