"""What runs the service: infrastructure as code and the local stage."""
