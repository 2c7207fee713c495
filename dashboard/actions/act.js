import { showResult } from '../announce.js'

/**
 * Does what an operator wants and says what came of it.
 *
 * @param {() => Promise<string | undefined>} action answers what came of it, or nothing if it was not wanted
 * @param {() => void} onUnauthorized
 */
export async function act (action, onUnauthorized) {
  try {
    const result = await action()
    if (result !== undefined) showResult(result)
  } catch (error) {
    const { status, message } = /** @type {import('../session.js').RequestError} */ (error)
    if (status === 401) onUnauthorized()
    const text = status === 401 ? 'Nothing was done: this needs the token.' : `It failed: ${message}`
    showResult(text, { hasFailed: true })
  }
}
