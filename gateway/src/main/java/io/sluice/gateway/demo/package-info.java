/** A public data set as contexts that change over time, for the first look. */
@NullMarked
package io.sluice.gateway.demo;

import org.jspecify.annotations.NullMarked;
