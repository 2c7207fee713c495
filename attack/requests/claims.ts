/* Claims of a producer about its event: priorities, organizations and types that its key may not have. */
import type { Claims } from '../claim-forms.ts'
import { VICTIM } from './foreign-requests.ts'

/** The consumer knows the claimed events by this text. */
export const CLAIMED = 'claimed-by-attacker'

/** Types of which the service gives one a better priority than the key may give. */
const BETTER_TYPES = ['critical-alarm', 'scheduled']
/** Types for which a rule raises the priority, or changes the organization to one in the payload. */
const RULED_TYPES = ['raised', 'moved']
const PRIORITIES = [0, 1, 2, 4, 1.5, '1', -1, null, [1], { valueOf: 1 }, true]
const PRIORITY_FIELDS = ['1', '01', '4', '5, 1', '1, 5', '1;q=1', '0x1']
const ORGANIZATIONS = [VICTIM, VICTIM.toUpperCase(), `${VICTIM} `, [VICTIM], { a: VICTIM }, '', null]
const ORGANIZATION_MEMBERS = ['organizationid', 'organization_id', 'OrganizationId', 'organization']
const ORGANIZATION_FIELDS = ['x-organization-id', 'ce-organizationid', 'x-organization', 'x-tenant']

export const CLAIMS: readonly Claims[] = [
  ...PRIORITIES.map((priority) => ({ members: { priority } })),
  ...PRIORITY_FIELDS.map((value) => ({ headers: { 'x-event-priority': value } })),
  ...BETTER_TYPES.flatMap((type): Claims[] => [
    { members: { type } },
    { members: { type: undefined }, headers: { 'x-event-type': type } },
    { headers: { 'x-event-type': type } },
    { members: { type, priority: 1 }, headers: { 'x-event-priority': '5' } }
  ]),
  { members: { priority: 9 }, headers: { 'x-event-priority': '1' } },
  { members: { priority: 1 }, headers: { 'x-event-priority': '9' } },
  { members: { ceiling: 1, priority: 1 } },
  { members: { ceiling: 1 } },
  { members: { stamp: { ceiling: 1 } } },
  { members: { bestPriority: 1, priority: 1 } },
  { members: { Priority: 1 } },
  { headers: { 'ce-priority': '1' } },
  { members: { hops: 0, attempt: 1, receivedAt: '2020-01-01T00:00:00Z' } },
  ...ORGANIZATIONS.map((organizationId) => ({ members: { organizationId } })),
  ...ORGANIZATION_MEMBERS.map((name) => ({ members: { [name]: VICTIM } })),
  ...ORGANIZATION_FIELDS.map((name) => ({ headers: { [name]: VICTIM } })),
  ...RULED_TYPES.map((type) => ({ members: { type, payload: { mark: CLAIMED, organization: VICTIM } } }))
]
