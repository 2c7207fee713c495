import { showResult } from '../announce.js'

/**
 * Runs an action of an operator and shows its result.
 *
 * @param {() => Promise<string | undefined>} action resolves with the result, or with undefined if the operator
 *   declined
 * @param {() => void} onUnauthorized
 */
export async function act (action, onUnauthorized) {
  try {
    const result = await action()
    if (result !== undefined) showResult(result)
  } catch (error) {
    const { status, message } = /** @type {import('../session.js').RequestError} */ (error)
    if (status === 401) onUnauthorized()
    const text = status === 401 ? 'Nothing was changed: enter the token first.' : `The action failed: ${message}`
    showResult(text, { hasFailed: true })
  }
}
