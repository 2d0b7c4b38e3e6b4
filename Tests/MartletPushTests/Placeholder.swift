// Placeholder for the base build.
import Testing

@testable import MartletPush
