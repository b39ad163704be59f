package link.ambassador.relay.watch;

import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The test, or each test of the class, provokes this warning or error. A warning that a method expects must also come.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
@Repeatable(ExpectedWarning.List.class)
public @interface ExpectedWarning {
    /** A regular expression to find in the message. */
    String value();

    /** Several expected warnings. */
    @Retention(RetentionPolicy.RUNTIME)
    @Target({ElementType.METHOD, ElementType.TYPE})
    @interface List {
        ExpectedWarning[] value();
    }
}
