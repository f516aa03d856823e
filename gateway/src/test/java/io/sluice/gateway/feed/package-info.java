@NullMarked
package io.sluice.gateway.feed;

import org.jspecify.annotations.NullMarked;
