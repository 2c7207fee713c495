/** @typedef {{ reason: string, type: string }} Filter an empty text matches all */

/**
 * Returns the query string of a page of dead letters.
 *
 * @param {Filter} filter
 * @param {string | undefined} cursor
 * @param {number} limit
 */
export function listPath ({ reason, type }, cursor, limit) {
  const query = new URLSearchParams({ limit: String(limit) })
  if (reason !== '') query.set('reason', reason)
  if (type !== '') query.set('type', type)
  if (cursor !== undefined) query.set('cursor', cursor)
  return `/api/v1/dead-letters?${query}`
}

/**
 * Returns the filter in the form of a replay request.
 *
 * @param {Filter} filter
 */
export function replayFilter ({ reason, type }) {
  return { ...(reason !== '' && { reason }), ...(type !== '' && { type }) }
}

/** @param {Filter} filter */
export function describeFilter ({ reason, type }) {
  const parts = [reason !== '' && `with the reason ${reason}`, type !== '' && `of type ${type}`].filter((part) =>
    part !== false
  )
  return parts.length === 0 ? 'All dead letters are' : `All dead letters ${parts.join(' and ')} are`
}
