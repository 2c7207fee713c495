import type { PriorityClass } from './priority-class.ts'

/**
 * Shares of the budget for bodies in flight up to which a class may fill it. The rest of the budget is a reserve for
 * the classes above: bodies of normal and low priority alone never keep a critical one out.
 */
export const BODY_SHARE: Readonly<Record<PriorityClass, number>> = { low: 0.5, normal: 0.75, critical: 1 }
