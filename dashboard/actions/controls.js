/** @import { State } from '../contract.d.ts' */
/** @import { Session } from '../session.js' */
import { byId, element, setText } from '../element.js'
import { act } from './act.js'
import { confirmed } from './confirmation.js'
import { UNKNOWN } from '../figures/format.js'
import { isPausedAsFarAsKnown, MODE_MEANINGS, MODE_NAMES, pauseQuestion, resetQuestion } from './question.js'

/** Reset, pause and resume, switch of the mode: each asks first and then shows its result. */
export class Controls {
  #session
  /** @type {State | undefined} */
  #state

  /**
   * @param {Session} session
   * @param {() => void} onUnauthorized
   */
  constructor (session, onUnauthorized) {
    this.#session = session
    byId('reset-circuit').addEventListener('click', () => act(() => this.#reset(), onUnauthorized))
    byId('toggle-pause').addEventListener('click', () => act(() => this.#togglePause(), onUnauthorized))
    byId('switch-mode').addEventListener('click', () => act(() => this.#switchMode(), onUnauthorized))
  }

  /** @param {State} state */
  update (state) {
    this.#state = state
    const { circuitState, isKnown, mode, configuredMode } = state
    const isPaused = isPausedAsFarAsKnown(state)
    setText(byId('control-circuit'), isKnown ? circuitState : UNKNOWN)
    setText(byId('control-workers'), workersText(state))
    setText(byId('toggle-pause'), isPaused ? 'Resume' : 'Pause')
    byId('toggle-pause').setAttribute('aria-label', isPaused ? 'Resume workers' : 'Pause workers')
    setText(
      byId('control-mode'),
      mode === configuredMode ? MODE_NAMES[mode] : `${MODE_NAMES[mode]}, configured: ${MODE_NAMES[configuredMode]}`
    )
  }

  async #reset () {
    if (this.#state === undefined || !await confirmed(resetQuestion(this.#state))) return undefined
    const { message } = await this.#session.json('/api/v1/metrics/backpressure/reset', { method: 'POST' })
    return `${message}.`
  }

  async #togglePause () {
    if (this.#state === undefined) return undefined
    const isPaused = isPausedAsFarAsKnown(this.#state)
    if (!await confirmed(pauseQuestion(this.#state))) return undefined
    const answer = await this.#session.json(`/api/v1/workers/${isPaused ? 'resume' : 'pause'}`, { method: 'POST' })
    return answer.isPaused ? 'The workers are paused.' : 'The workers run again.'
  }

  async #switchMode () {
    if (this.#state === undefined) return undefined
    const { mode, configuredMode } = this.#state
    const options = [
      ...(/** @type {const} */ (['true', 'observe', 'false'])).map((value) => ({
        value,
        label: MODE_NAMES[value],
        meaning: MODE_MEANINGS[value]
      })),
      {
        value: 'configured',
        label: 'as configured',
        meaning: `Whatever ENABLE_BACKPRESSURE says: here ${MODE_NAMES[configuredMode]}.`
      }
    ]
    const content = element(
      'fieldset',
      {},
      element('legend', { class: 'hidden' }, 'Mode'),
      ...options.map(({ value, label, meaning }) =>
        element(
          'label',
          { class: 'choice' },
          element('input', { type: 'radio', name: 'mode', value, checked: value === mode }),
          element('strong', {}, label),
          element('span', {}, meaning)
        )
      )
    )
    if (
      !await confirmed({
        title: 'Switch backpressure',
        paragraphs: ['Applies to every replica at once, until it is switched again.'],
        verb: 'Switch',
        content
      })
    ) return undefined
    const chosen = /** @type {HTMLInputElement | null} */ (content.querySelector('input:checked'))?.value
    const answer = await this.#session.json('/api/v1/metrics/backpressure/mode', {
      method: 'PUT',
      body: { mode: chosen === 'configured' ? null : chosen }
    })
    return `Backpressure is now: ${MODE_NAMES[/** @type {import('../contract.d.ts').Mode} */ (answer.mode)]}.`
  }
}

/** @param {State} state */
function workersText ({ isKnown, problems }) {
  if (!isKnown) return UNKNOWN
  const kinds = problems.filter(({ stops }) => stops === 'all').map(({ kind }) => kind)
  if (kinds.includes('paused')) return 'paused'
  if (kinds.includes('no-worker')) return 'none running'
  return kinds.includes('held') ? 'take no batch' : 'running'
}
