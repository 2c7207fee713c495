/** The best class first. */
export const PRIORITY_CLASSES = /** @type {const} */ (['critical', 'normal', 'low'])
