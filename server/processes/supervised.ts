/** The argument that tells a process that it has a supervisor. */
export const SUPERVISED = 'supervised'
