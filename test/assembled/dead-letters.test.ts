import { runTogether } from './run-together.ts'

await runTogether('test/services/{dead-letters,metrics}/*.test.ts')
