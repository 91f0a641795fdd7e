// Loaded before a program that knows nothing of us (`node --import`): it ends when the process that started it is gone, even by kill -9.

import { followParent } from '../../src/parent.ts'

followParent(() => process.exit(0))
