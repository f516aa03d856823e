/** What can be set, read once at start and checked there. */
@NullMarked
package io.sluice.gateway.settings;

import org.jspecify.annotations.NullMarked;
