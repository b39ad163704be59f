package link.ambassador.relay.watch;

import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The test, or each of the class, provokes this warning or error. One that a method expects must come, too. */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
@Repeatable(ExpectedWarning.List.class)
public @interface ExpectedWarning {
    /** A regular expression that is found in the message. */
    String value();

    /** Several. */
    @Retention(RetentionPolicy.RUNTIME)
    @Target({ElementType.METHOD, ElementType.TYPE})
    @interface List {
        ExpectedWarning[] value();
    }
}
