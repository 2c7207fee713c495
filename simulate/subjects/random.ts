import { ADMITTED, type SubjectModule } from '../subject.ts'

const MOST_RETRY_AFTER_SECONDS = 120

/**
 * A control: refuses as large a share of the offers of each minute as the reference did, whatever they are. A subject
 * that is not better than this one chooses no better than chance.
 */
const random: SubjectModule = {
  needsReference: true,
  create: ({ now, random: uniform, referenceShedShare }) => ({
    offer: () => uniform() < referenceShedShare(now()) ? Math.ceil(uniform() * MOST_RETRY_AFTER_SECONDS) : ADMITTED,
    observe: () => {}
  })
}

export default random
